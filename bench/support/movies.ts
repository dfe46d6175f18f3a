import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sharedFolder } from '../../test/support/shared.ts';

export interface Movie {
  readonly id: string;
  readonly title: string;
  readonly genres: readonly string[];
  readonly tags: readonly string[];
}

export interface Rating {
  readonly movie: string;
  readonly stars: number;
  /** Seconds since 1970. */
  readonly at: number;
}

export interface MovieLens {
  readonly movies: ReadonlyMap<string, Movie>;
  /** Per user, in the order of time. */
  readonly ratings: ReadonlyMap<string, readonly Rating[]>;
}

/** MovieLens latest-small: 9,742 movies, 100,836 ratings of 610 users. */
export function loadMovieLens(): MovieLens {
  const folder = sharedFolder();
  if (folder === null) throw new Error('There is no ../shared folder: set EMBEDDING_STUDIO_SHARED to where it is.');
  const rows = (name: string): string[][] =>
    readFileSync(join(folder, 'data/movielens-small', name), 'utf8')
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map(cells);
  const tags = Map.groupBy(rows('tags.csv'), ([, movie]) => movie as string);
  const movies = rows('movies.csv').map(([id = '', title = '', genres = '']): [string, Movie] => [
    id,
    {
      id,
      title,
      genres: genres === '(no genres listed)' ? [] : genres.split('|'),
      tags: [...new Set((tags.get(id) ?? []).map(([, , tag]) => (tag as string).toLowerCase()))],
    },
  ]);
  const ratings = new Map<string, Rating[]>();
  for (const [user = '', movie = '', stars, at] of rows('ratings.csv')) {
    const own = ratings.get(user) ?? [];
    ratings.set(user, own);
    own.push({ movie, stars: Number(stars), at: Number(at) });
  }
  for (const own of ratings.values())
    own.sort((left, right) => left.at - right.at || (left.movie < right.movie ? -1 : 1));
  return { movies: new Map(movies), ratings };
}

/** Cells of a line of CSV; a quoted cell may hold commas, and quotes twice. */
const cells = (line: string): string[] =>
  [...line.matchAll(/("(?:[^"]|"")*"|[^,]*)(?:,|$)/g)]
    .slice(0, line.endsWith(',') ? undefined : -1)
    .map(([, cell = '']) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
