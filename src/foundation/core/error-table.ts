/** One row per error code: its HTTP status and what to do about it. Codes are stable; messages may change. */
interface ErrorRow {
  readonly status: number;
  readonly hint?: string;
}

const table = {
  // Requests
  invalid_request: { status: 422, hint: 'Compare the request with /openapi.json; unknown keys are refused.' },
  invalid_json: { status: 400, hint: 'Send valid UTF-8 JSON.' },
  unsupported_media_type: {
    status: 415,
    hint: 'Send application/json or, for items, application/x-ndjson, for judgments, text/tab-separated-values.',
  },
  payload_too_large: { status: 413, hint: 'Send smaller batches, or stream NDJSON.' },
  invalid_http: { status: 400, hint: 'What arrived is no HTTP request that this server can read.' },
  route_not_found: { status: 404, hint: 'The list of routes is at /openapi.json.' },
  method_not_allowed: { status: 405, hint: 'The Allow header lists the methods of this path.' },
  host_not_allowed: {
    status: 403,
    hint: 'Call it as localhost or 127.0.0.1, or name the host when it starts: serve --allow-host <name>.',
  },
  origin_not_allowed: {
    status: 403,
    hint: 'Name the origin of the page when the server starts: serve --cors https://shop.example.com.',
  },
  too_many_requests: { status: 429, hint: 'Wait a moment and try again.' },
  overloaded: { status: 503, hint: 'A queue is full; wait a moment and try again.' },
  timeout: { status: 504, hint: 'Narrow the request or try again.' },
  shutting_down: { status: 503, hint: 'The process is stopping; another one will answer.' },
  internal: { status: 500, hint: 'This is a fault of ours; the log has the cause under the request id.' },
  // Collections and items
  collection_not_found: { status: 404, hint: 'GET /v1/collections lists them; PUT creates one.' },
  invalid_collection_name: {
    status: 422,
    hint: 'Use 1 to 64 lower-case letters, digits, - and _, beginning with a letter.',
  },
  invalid_schema: { status: 422 },
  schema_conflict: { status: 409, hint: 'Create a new collection with the new schema and import the items again.' },
  item_not_found: { status: 404 },
  invalid_item: { status: 422 },
  version_conflict: { status: 409, hint: 'A newer version of this item is stored already; nothing was changed.' },
  too_many_items: { status: 413, hint: 'Send at most the allowed number of items at once, or stream NDJSON.' },
  wait_timeout: {
    status: 504,
    hint: 'The items are stored; the indexes will catch up. Ask for the lag at GET /v1/collections/:name.',
  },
  // Search
  invalid_query: { status: 422 },
  invalid_filter: { status: 422 },
  filter_too_deep: { status: 422, hint: 'Flatten the filter.' },
  field_not_found: { status: 422, hint: 'GET /v1/collections/:name lists the fields.' },
  field_not_filterable: { status: 422, hint: 'Declare the field with filter: true.' },
  field_not_facetable: { status: 422, hint: 'Declare the field with facet: true.' },
  field_not_sortable: { status: 422, hint: 'Declare the field with sort: true.' },
  invalid_cursor: { status: 422, hint: 'Use nextCursor of the previous page unchanged, with the same request.' },
  no_index: { status: 409, hint: 'Declare a field with embed: true or lexical, then import items.' },
  space_mismatch: { status: 422 },
  // Encoders, models, content
  model_not_found: { status: 404 },
  invalid_model: { status: 422 },
  model_download_failed: { status: 502, hint: 'Check the network, or copy the model folder and give its path.' },
  encoding_failed: { status: 500 },
  invalid_image: { status: 422, hint: 'Send a JPEG, PNG, WebP, GIF, TIFF, AVIF or SVG image as a base64 data URI.' },
  invalid_splitter: { status: 422 },
  blob_not_found: { status: 404 },
  // Feedback
  search_not_found: {
    status: 404,
    hint: 'Send the searchId of a search that was recorded (record is true by default).',
  },
  // Judgments
  invalid_judgment: { status: 422 },
  judgment_set_not_found: { status: 404, hint: 'GET /v1/collections/:name/judgment-sets lists them.' },
  not_enough_clicks: { status: 409 },
  // Runs
  run_not_found: { status: 404, hint: 'GET /v1/runs lists them; ended ones are forgotten after 30 days.' },
  run_interrupted_too_often: {
    status: 500,
    hint: 'Look in the log for what ended the process (out of memory, perhaps), then start it again.',
  },
  no_report: { status: 409, hint: 'Only an evaluation that is done has a report; GET /v1/runs/:id tells the state.' },
  profile_not_found: { status: 404, hint: 'GET /v1/collections/:name/profiles lists them.' },
  session_not_found: { status: 404, hint: 'GET /v1/collections/:name/sessions lists them.' },
  batch_not_found: { status: 404, hint: 'GET /v1/collections/:name/feedback-batches lists them.' },
  // Training
  invalid_training: { status: 422 },
  training_too_large: { status: 422, hint: 'Make the batch smaller, train fewer layers, or allow more memory.' },
  invalid_checkpoint: { status: 409 },
  // Database, configuration
  database_unavailable: { status: 503, hint: 'Check DATABASE_URL and that the server runs.' },
  database_unsuitable: { status: 500 },
  data_directory_locked: { status: 500 },
  data_directory_foreign: { status: 500 },
  invalid_config: { status: 500 },
  invalid_dump: { status: 422 },
  installation_not_empty: { status: 409, hint: 'Import into an empty data directory or database.' },
  invalid_file: { status: 422 },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof table;
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorRow>> = table;
