import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/foundation/config/config.ts';
import { redactUrl } from '../../../src/foundation/config/redact-url.ts';

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(loadConfig({})).toMatchObject({
      dataDirectory: './.data',
      databaseUrl: undefined,
      host: '127.0.0.1',
      port: 4242,
      logLevel: 'info',
      maxBodyBytes: 67_108_864,
    });
  });

  it('takes the environment, and the command line before it', () => {
    const environment = {
      EMBEDDING_STUDIO_DATA: '/data',
      DATABASE_URL: 'postgres://me:secret@db.example:6432/studio?sslmode=require',
      PORT: ' 80 ',
      HOST: '::1',
      LOG_LEVEL: 'warn',
    };
    expect(loadConfig(environment, { port: 0, host: undefined })).toMatchObject({
      dataDirectory: '/data',
      databaseUrl: environment.DATABASE_URL,
      port: 0,
      host: '::1',
      logLevel: 'warn',
    });
  });

  it('counts an empty variable as none', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: ' ', EMBEDDING_STUDIO_DATA: '' })).toEqual(loadConfig({}));
  });

  it.each([
    ['PORT', 'http'],
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '80.5'],
    ['HOST', 'http://localhost'],
    ['LOG_LEVEL', 'loud'],
    ['DATABASE_URL', 'mysql://me@db/studio'],
    ['DATABASE_URL', 'localhost'],
    ['DATABASE_POOL_SIZE', '1'],
    ['EMBEDDING_STUDIO_MAX_BODY_BYTES', '64MB'],
    ['EMBEDDING_STUDIO_ENCODER_THREADS', '0x4'],
  ])('refuses %s=%s and names the variable', (variable, value) => {
    expect(() => loadConfig({ [variable]: value })).toThrow(
      expect.objectContaining({
        code: 'invalid_config',
        message: expect.stringMatching(new RegExp(`^${variable} must be .*; it is "`)),
        details: { variable },
      }),
    );
  });

  it('never repeats a password', () => {
    expect(() => loadConfig({ DATABASE_URL: 'postgres://me:s3cr3t@not a host/x' })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('s3cr3t') }),
    );
  });
});

describe('redacting an address', () => {
  it.each([
    ['postgres://me:secret@db:5432/x', 'postgres://me:***@db:5432/x'],
    ['postgres://me:p@ss:w/rd@db/x', 'postgres://me:***@db/x'],
    ['postgres://me@there:secret@db/x', 'postgres://me@there:***@db/x'],
    ['postgres://me@db/x', 'postgres://me@db/x'],
    ['postgres://db/x?user=me&password=secret&sslmode=require', 'postgres://db/x?user=me&password=***&sslmode=require'],
  ])('%s becomes %s', (address, redacted) => {
    expect(redactUrl(address)).toBe(redacted);
  });

  it('hides every password, whatever is in it', () => {
    const password = fc.string({ minLength: 3, maxLength: 12 }).map((text) => `<${text}>`);
    fc.assert(
      fc.property(password, (secret) => {
        expect(redactUrl(`postgres://me:${secret}@db/x`)).not.toContain(secret);
      }),
    );
  });
});
