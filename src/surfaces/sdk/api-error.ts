/** An answer that is an error: code and hint are those of the server's error table. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(
    status: number,
    fields: { code: string; message: string; hint?: string; details?: Record<string, unknown> },
  ) {
    super(fields.message);
    this.name = 'ApiError';
    this.status = status;
    this.code = fields.code;
    this.hint = fields.hint;
    this.details = fields.details;
  }

  /** Reads an error answer; whatever stands in between (a proxy, say) may answer something that is not ours. */
  static from(status: number, text: string): ApiError {
    try {
      const { error } = JSON.parse(text);
      if (typeof error.code === 'string' && typeof error.message === 'string') return new ApiError(status, error);
    } catch {}
    return new ApiError(status, {
      code: 'unreadable_answer',
      message: `The server answered ${status}: ${text.slice(0, 200)}`,
    });
  }
}
