import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { BOOKS } from './served-studio.ts';

/** A wrong call of the command line: its arguments (URL stands for a running server), how it exits and what it says. */
export type WrongCall = readonly [args: string, exit: 1 | 2, code: string, sentence: string];

export const WRONG_CALLS: readonly WrongCall[] = [
  ['serch books sea', 2, 'usage', "Unknown command 'serch'"],
  ['search books', 2, 'usage', "Missing required argument 'query'"],
  ['search books sea more', 2, 'usage', 'Too many arguments'],
  ['search books sea --limt 5', 2, 'usage', "Unknown option '--limt'"],
  ['search books sea --limit 0', 2, 'usage', 'whole number from 1 to 1000'],
  ['search books sea --filter {', 2, 'usage', 'no valid JSON'],
  ['search books sea --mode magic', 2, 'usage', 'Allowed choices are hybrid, vector, lexical'],
  ['search books sea --url nowhere', 2, 'usage', 'is no address'],
  ['search books sea --url http://127.0.0.1:9 --data x', 2, 'usage', '--url excludes --data'],
  ['search books sea --url http://127.0.0.1:9', 1, 'server_unreachable', 'No server answers there'],
  ['search nope sea --url URL', 1, 'collection_not_found', 'There is no collection "nope"'],
  ['search books sea --filter {"term":{"nope":1}} --url URL', 1, 'field_not_found', 'no field "nope"'],
  ['search books sea --url URL/elsewhere', 1, 'route_not_found', 'Check --url'],
  ['evaluate nope --url URL', 1, 'collection_not_found', 'There is no collection "nope"'],
  ['evaluate books --set nope --url URL', 1, 'judgment_set_not_found', 'judgments sets'],
  ['evaluate books --arm now:mode', 2, 'usage', 'has "mode" where key=value should be'],
  ['evaluate books --arm now:model=big', 2, 'usage', 'the unknown key "model"'],
  ['evaluate books --out nowhere/report.html', 1, 'invalid_file', 'the directory above it is missing'],
  ['training', 2, 'usage', "Missing required argument 'collection'"],
  ['training start books --recipe magic', 2, 'usage', 'Allowed choices are query-adapter, encoder'],
  ['training start books --steps many', 2, 'usage', 'It is a number'],
  ['training start books --detach', 2, 'usage', '--detach needs --url'],
  ['training start nope --url URL', 1, 'collection_not_found', 'There is no collection "nope"'],
  ['training start books --url URL --sets nope', 1, 'judgment_set_not_found', 'no set of judgments "nope"'],
  ['training start books --url URL', 1, 'not_enough_clicks', 'Collect more clicks'],
  ['runs destroy', 2, 'usage', 'There is no command "runs destroy"'],
  ['runs list --state over', 2, 'usage', 'Allowed choices are queued, running, done, failed, cancelled'],
  ['runs show nope --url URL', 1, 'run_not_found', '`embedding-studio runs` lists them'],
  ['serve --port 70000', 2, 'usage', 'whole number from 0 to 65535'],
  ['serve --host 192.0.2.1 --data memory', 1, 'invalid_config', 'Choose an address of this machine with --host'],
  ['serve --data books.ndjson/below', 1, 'invalid_file', 'no directory'],
  ['serve --database-url mysql://user:secret@host/db', 1, 'invalid_config', 'user:***@host'],
  ['import', 2, 'usage', 'Name a collection and at least one file'],
  ['import books books.ndjson --schema nope.json', 2, 'usage', 'cannot be read'],
  ['import books books.ndjson --schema no-schema.json', 2, 'usage', 'is no JSON object'],
  ['import other books.ndjson --schema schema.json --url URL', 1, 'invalid_schema', '"fields.title.type" in the body'],
  ['import Books books.ndjson --url URL', 1, 'invalid_collection_name', 'The collection name "Books" is not allowed'],
  ['import books --dump no-dump.bin', 2, 'usage', 'leave out the collection'],
  ['import --dump no-dump.bin --url URL', 2, 'usage', 'not through a server'],
  ['collections destroy books', 2, 'usage', 'There is no command "collections destroy"'],
  ['collections show nope --url URL', 1, 'collection_not_found', 'There is no collection "nope"'],
  ['collections delete books', 2, 'usage', 'Say --yes to do it'],
  ['judgments destroy books', 2, 'usage', "Unknown command 'destroy'"],
  ['judgments import books', 2, 'usage', "Missing required argument 'file'"],
  ['judgments import books nowhere.tsv --url URL', 1, 'invalid_file', 'does not exist'],
  ['judgments import books folder --url URL', 1, 'invalid_file', 'is a directory'],
  ['judgments list books --set nope --url URL', 1, 'judgment_set_not_found', 'no set of judgments "nope"'],
  ['judgments sets nope --url URL', 1, 'collection_not_found', 'There is no collection "nope"'],
  ['judgments delete books --set nope', 2, 'usage', 'Say --yes to do it'],
  ['judgments delete books --set nope --yes --url URL', 1, 'judgment_set_not_found', 'no set of judgments "nope"'],
  ['judgments from-clicks books --model pbm', 2, 'usage', 'Allowed choices are position-based'],
  ['judgments from-clicks books --half-life long', 2, 'usage', 'It is a number'],
  ['judgments from-clicks books --half-life 0 --url URL', 1, 'invalid_request', 'at least 0.1'],
  ['judgments from-clicks books --url URL', 1, 'not_enough_clicks', 'There is nothing to learn from'],
  ['profiles show books nobody --url URL', 1, 'profile_not_found', 'There is no profile of "nobody"'],
  ['profiles reset nope anna --url URL', 1, 'collection_not_found', 'There is no collection "nope"'],
  ['users erase anna', 2, 'usage', 'Say --yes to do it'],
  ['users export anna --out books.ndjson', 2, 'usage', 'is there already'],
  ['analytics nope --url URL', 1, 'collection_not_found', 'There is no collection "nope"'],
  ['analytics books --from yesterday --url URL', 1, 'invalid_request', 'must be a moment like'],
  ['analytics books --interval minute', 2, 'usage', 'Allowed choices are hour, day, week'],
  ['export books.ndjson', 2, 'usage', 'is there already'],
  ['export folder --force', 2, 'usage', 'is a directory'],
  ['export nowhere/backup.gz', 2, 'usage', 'There is no directory nowhere'],
];

/** A wrong file: its name, what is in it, the call that reads it (FILE stands for it), and what that says. */
export type WrongFile = readonly [
  name: string,
  content: string | Uint8Array | null,
  args: string,
  code: string,
  sentence: string,
];

const ndjson = BOOKS.map((book) => JSON.stringify(book)).join('\n');
const broken = (text: string): Buffer => Buffer.from(text.replace('?', '\u00ff'), 'latin1');
const intoBooks = 'import books FILE --url URL';
const restored = 'import --dump FILE --data restored';

/** Of these nothing is taken in. */
export const WRONG_FILES: readonly WrongFile[] = [
  ['missing.ndjson', null, intoBooks, 'invalid_file', 'does not exist'],
  ['folder', null, intoBooks, 'invalid_file', 'is a directory'],
  ['empty.ndjson', '', intoBooks, 'invalid_file', 'is empty'],
  ['blank.ndjson', ' \n\n ', intoBooks, 'invalid_file', 'is empty'],
  ['table.csv', 'id,title\n1,Sea\n', intoBooks, 'invalid_file', 'CSV files are not read'],
  ['table.parquet', 'PAR1....', intoBooks, 'invalid_file', 'it is a Parquet file'],
  ['items.zip', 'PK\u0003\u0004', intoBooks, 'invalid_file', 'it is a ZIP archive'],
  ['words.txt', 'hello', intoBooks, 'invalid_file', 'it begins with "h"'],
  ['pretty.json', '{\n  "id": "a"\n}', intoBooks, 'invalid_file', 'it is one object over several lines'],
  ['cut.json', '[{"id": "a"}, {', intoBooks, 'invalid_file', 'is no valid JSON'],
  ['latin.json', broken('[{"id": "a", "title": "caf?"}]'), intoBooks, 'invalid_file', 'is no valid UTF-8'],
  ['cut.ndjson.gz', gzipSync(ndjson).subarray(0, 60), intoBooks, 'invalid_file', 'cut off'],
  [
    'cut.json.gz',
    gzipSync(`[${ndjson.replaceAll('\n', ',')}]`).subarray(0, -20),
    intoBooks,
    'invalid_file',
    'breaks off',
  ],
  ['not.gz', Uint8Array.from([0x1f, 0x8b, 1, 2, 3]), intoBooks, 'invalid_file', 'looks like gzip'],
  ['no-dump.bin', 'this is no dump', restored, 'invalid_dump', 'it is damaged or not packed with gzip'],
  ['items.gz', gzipSync(ndjson), restored, 'invalid_dump', 'no dump'],
  ['missing.dump', null, restored, 'invalid_file', 'There is no file'],
];

/** Of these the good items are taken in, and of each bad one it is said where it is and what is wrong. */
export const WRONG_LINES: readonly WrongFile[] = [
  ['broken.ndjson', '{"id":"x"}\n{"id":\n', 'import some FILE --url URL', 'invalid_json', 'no valid JSON'],
  [
    'latin.ndjson',
    broken('{"id":"x"}\n{"id":"caf?"}\n'),
    'import some FILE --url URL',
    'invalid_json',
    'no valid UTF-8',
  ],
  ['no-id.ndjson', '{"id":"x"}\n{"title":"no id"}\n', 'import some FILE --url URL', 'invalid_item', 'The id must be'],
  ['price.ndjson', '{"id":"x"}\n{"id":"y","price":"low"}\n', 'import some FILE --url URL', 'invalid_item', '"price"'],
  ['numbers.json', '[{"id":"x"}, 5]', 'import some FILE --url URL', 'invalid_item', 'object'],
];

/** Lays the files out in a folder, with those that the calls name. */
export async function layOut(folder: string): Promise<void> {
  await mkdir(join(folder, 'folder'));
  await writeFile(join(folder, 'books.ndjson'), ndjson);
  await writeFile(join(folder, 'schema.json'), '{"fields": {"title": {"type": "txt"}}}');
  await writeFile(join(folder, 'no-schema.json'), '[1]');
  for (const [name, content] of [...WRONG_FILES, ...WRONG_LINES]) {
    if (content !== null) await writeFile(join(folder, name), content);
  }
}
