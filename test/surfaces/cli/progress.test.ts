import { describe, expect, it } from 'vitest';
import { chooseProgress } from '../../../src/surfaces/cli/progress/choose-progress.ts';

function outputOf(isTTY: boolean, json: boolean): string {
  let text = '';
  const output = {
    isTTY,
    columns: 80,
    cursorTo() {},
    clearLine() {},
    moveCursor() {},
    write: (piece: string) => {
      text += piece;
      return true;
    },
  };
  const progress = chooseProgress(output, json);
  progress.start('import', 10);
  progress.update(4, '4 items');
  progress.update(10, '10 items');
  progress.finish('10 items stored');
  return text;
}

describe('progress', () => {
  it('is a bar on a terminal, which leaves one line behind', () => {
    const text = outputOf(true, false);
    expect(text).toContain('import ');
    expect(text.endsWith('import: 10 items stored\n')).toBe(true);
  });

  it('leaves nothing behind when its phase fails', () => {
    let text = '';
    const output = {
      isTTY: true,
      columns: 80,
      cursorTo() {},
      clearLine() {},
      moveCursor() {},
      write: (piece: string) => (text = piece),
    };
    const progress = chooseProgress(output, false);
    progress.start('import', 10);
    progress.abandon();
    progress.update(5, 'too late');
    expect(text).not.toContain('too late');
  });

  it('is a line now and then elsewhere', () => {
    expect(outputOf(false, false)).toBe('import: 10 items stored\n');
  });

  it('is JSON lines for programs', () => {
    const lines = outputOf(true, true)
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).progress);
    expect(lines[0]).toEqual({ phase: 'import', state: 'started', total: 10 });
    expect(lines.at(-1)).toEqual({ phase: 'import', state: 'finished', note: '10 items stored' });
  });
});
