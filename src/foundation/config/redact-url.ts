/** An address fit for logs and messages: what may be a password is ***. Takes text that is no valid address, too. */
export function redactUrl(text: string): string {
  return text
    .replace(/(:\/\/.*?):.*@/s, '$1:***@')
    .replace(/((?:password|passwd|pwd|secret|token|sslkey)=)[^&\s]*/gi, '$1***');
}
