import { createRandom } from '../../src/foundation/core/random.ts';

const SCRIPTS = [
  'The quick brown fox jumps over the lazy dog',
  'Größe, Straße und Übermut',
  'crème brûlée à la façon de Noël',
  'быстрая коричневая лиса',
  'γρήγορη καφέ αλεπού',
  'الثعلب البني السريع',
  'השועל החום המהיר',
  '敏捷的棕色狐狸跳过懒狗',
  '素早い茶色の狐はのろまな犬を飛び越える',
  '빠른 갈색 여우',
  'สุนัขจิ้งจอกสีน้ำตาล',
  'तेज़ भूरी लोमड़ी',
  'nhanh như cáo nâu',
  'ⅣⅫ ½ ℃ ﬁ ﬂ',
  '👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽',
  'e\u0301 n\u0303 a\u030a',
  'x\u200by\u200dz\ufeff',
  'tab\tand\nline\r\nbreak',
  '\u0001\u0007control\u001b',
  '[CLS] in text [SEP] [MASK] [PAD] [UNK]',
  'const f = (a) => a?.b ?? [1, 2];',
  '3.14159 1,000,000 -7e-12 0xFF',
  "don't can't O'Neil's",
  'C++ C# .NET node.js',
  'user@example.org https://example.org/a?b=c&d=%20',
  '¿Qué? ¡Sí! «да» „nein“ …—–',
  'ＦＵＬＬ　ｗｉｄｔｈ',
  '𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝒎𝒂𝒕𝒉',
];

/** Texts in many scripts and of all lengths, and what tokenizers stumble over; the same ones for the same seed. */
export function oddTexts(count: number, seed: number): string[] {
  const random = createRandom(seed);
  const pieces = SCRIPTS.flatMap((text) => text.split(' '));
  const fixed = [
    '',
    ' ',
    '\n\t',
    'a',
    '.',
    '🙂',
    'a'.repeat(300),
    `${'b'.repeat(99)} ${'c'.repeat(100)} ${'d'.repeat(101)}`,
    'word '.repeat(20_000),
    '漢'.repeat(2000),
    ...SCRIPTS,
  ];
  const made = Array.from({ length: Math.max(0, count - fixed.length) }, () => {
    const length = [3, 8, 20, 60, 200, 400][random.integer(6)] as number;
    return Array.from({ length: 1 + random.integer(length) }, () => pieces[random.integer(pieces.length)]).join(
      [' ', ' ', ' ', '', '  ', '-'][random.integer(6)],
    );
  });
  return [...fixed, ...made].slice(0, count).map((text) => text.toWellFormed());
}
