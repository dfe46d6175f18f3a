/** Markup that is safe as it stands. */
export interface Html {
  readonly html: string;
}

type Piece = Html | string | number | readonly Html[];

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ESCAPES[character] as string);

/**
 * Markup around values, which are escaped unless they are markup themselves.
 *
 * @example html`<p>${'<b>'}</p>`.html // <p>&lt;b&gt;</p>
 */
export function html(strings: TemplateStringsArray, ...pieces: readonly Piece[]): Html {
  return { html: strings.map((text, at) => `${text}${textOf(pieces[at])}`).join('') };
}

function textOf(piece: Piece | undefined): string {
  if (piece === undefined) return '';
  if (typeof piece === 'string') return escaped(piece);
  if (typeof piece === 'number') return String(piece);
  if ('html' in piece) return piece.html;
  return piece.map((part) => part.html).join('');
}

export const NOTHING: Html = { html: '' };
