/** Calls the API; failures carry the sentence and the hint of the error. */
export async function call(method, path, body, signal) {
  const response = await fetch(path, {
    method,
    signal,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = await response.json();
  if (response.ok) return answer;
  const { code, message, hint } = answer.error ?? { message: `The server answered ${response.status}.` };
  throw Object.assign(new Error([message, hint].filter(Boolean).join(' ')), { code });
}
