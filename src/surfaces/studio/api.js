/** Calls the API; failures carry the sentence and the hint of the error. */
export async function call(method, path, body, signal) {
  const response = await fetch(path, {
    method,
    signal,
    headers: body === undefined ? {} : { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  }).catch((error) => {
    throw error.name === 'AbortError' ? error : new Error('The server cannot be reached. Is it running?');
  });
  // What stands in between, a proxy say, may answer something that is not ours.
  const answer = await response.json().catch(() => ({}));
  if (response.ok) return answer;
  const { code, message, hint } = answer.error ?? { message: `The server answered ${response.status}.` };
  throw Object.assign(new Error([message, hint].filter(Boolean).join(' ')), { code });
}
