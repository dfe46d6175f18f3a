import { StudioError } from '../../../foundation/core/errors.ts';
import type { ProfileView } from '../../../learning/improvement/profiles/profiles.ts';
import type { Handlers } from '../handler.ts';
import type { Services } from '../services.ts';

const DEFAULT_PAGE = 20;
const MAX_USER_LENGTH = 256;

export function profileHandlers({
  collections,
  profiles,
}: Services): Handlers<'listProfiles' | 'getProfile' | 'resetProfile'> {
  return {
    async listProfiles({ params, query }) {
      const { id } = await collections.get(params.name);
      const after = query.cursor === undefined ? null : readCursor(query.cursor);
      const page = await profiles.list(id, after, query.limit ?? DEFAULT_PAGE);
      return {
        profiles: page.profiles.map(summaryOf),
        nextCursor: page.next === null ? null : Buffer.from(page.next).toString('base64url'),
      };
    },
    async getProfile({ params }) {
      const { id } = await collections.get(params.name);
      const profile = await profiles.show(id, params.user);
      if (profile === null) {
        throw new StudioError(
          'profile_not_found',
          `There is no profile of "${params.user}" in "${params.name}": nothing that this user did there counts.`,
        );
      }
      return { ...summaryOf(profile), items: [...profile.items] };
    },
    async resetProfile({ params }) {
      const { id } = await collections.get(params.name);
      return { reset: await profiles.reset(id, params.user) };
    },
  };
}

const summaryOf = ({ user, evidence, weight, updatedAt }: ProfileView) => ({
  user,
  evidence,
  weight,
  updatedAt: updatedAt.toISOString(),
});

function readCursor(cursor: string): string {
  const user = Buffer.from(cursor, 'base64url').toString();
  const isOurs = Buffer.from(user).toString('base64url') === cursor && !user.includes('\u0000');
  if (!isOurs || user.length > MAX_USER_LENGTH)
    throw new StudioError('invalid_cursor', 'This is no cursor of a list of profiles.');
  return user;
}
