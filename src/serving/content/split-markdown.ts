import { type TextPart, trimmedPart } from './part.ts';

const HEADING = /^ {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Sections of a Markdown text by its ATX headings (CommonMark 0.31, section 4.2). A section is led by the path of its
 * headings, `Guide > Install`, because its own words rarely repeat what it is about. Headings inside code fences are code.
 */
export function splitMarkdown(source: string): TextPart[] {
  const parts: TextPart[] = [];
  let path: Array<{ level: number; title: string }> = [];
  let bodyStart = 0;
  let headingStart = 0;
  let fence: string | null = null;

  const close = (end: number): void => {
    const body = trimmedPart(source, bodyStart, end);
    const titles = path
      .map(({ title }) => title)
      .filter((title) => title !== '')
      .join(' > ');
    if (body !== null) parts.push(titles === '' ? body : { ...body, text: `${titles}\n${body.text}` });
    else {
      // A heading with nothing below is still something to find.
      const heading = trimmedPart(source, headingStart, end);
      if (heading !== null && titles !== '') parts.push({ ...heading, text: titles });
      else if (heading !== null) parts.push(heading);
    }
  };

  let lineStart = 0;
  while (lineStart < source.length) {
    const newline = source.indexOf('\n', lineStart);
    const lineEnd = newline < 0 ? source.length : newline;
    const line = source.slice(lineStart, lineEnd).replace(/\r$/, '');
    const mark = FENCE.exec(line)?.[1];
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark[0] === fence[0] && mark.length >= fence.length) fence = null;
    }
    const heading = fence === null && mark === undefined ? HEADING.exec(line) : null;
    if (heading !== null) {
      close(lineStart);
      const level = heading[1]!.length;
      path = [...path.filter((entry) => entry.level < level), { level, title: (heading[2] ?? '').trim() }];
      headingStart = lineStart;
      bodyStart = Math.min(lineEnd + 1, source.length);
    }
    lineStart = lineEnd + 1;
  }
  close(source.length);
  return parts;
}
