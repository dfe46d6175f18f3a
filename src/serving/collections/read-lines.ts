export interface Line {
  /** From 0, empty lines counted. */
  readonly index: number;
  /** Null when the line is longer than allowed; its bytes are counted but not kept. */
  readonly content: Uint8Array | null;
  readonly bytes: number;
}

const NEWLINE = 0x0a;
const isBlank = (bytes: Uint8Array): boolean => bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);

/** Lines of a byte stream, without empty ones and without a byte order mark at its start. Holds one line at most. */
export async function* readLines(source: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let parts: Uint8Array[] = [];
  let size = 0;
  let index = 0;
  const take = (): Line | null => {
    let content = size > maxBytes ? null : parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    if (index === 0 && content !== null && content[0] === 0xef && content[1] === 0xbb && content[2] === 0xbf)
      content = content.subarray(3);
    const line = { index, content, bytes: size };
    parts = [];
    size = 0;
    index++;
    return content !== null && isBlank(content) ? null : line;
  };
  for await (const chunk of source) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); ; end = chunk.indexOf(NEWLINE, start)) {
      const piece = chunk.subarray(start, end < 0 ? chunk.length : end);
      size += piece.length;
      if (size <= maxBytes) parts.push(piece);
      else parts = [];
      if (end < 0) break;
      start = end + 1;
      const line = take();
      if (line !== null) yield line;
    }
  }
  const last = size > 0 ? take() : null;
  if (last !== null) yield last;
}
