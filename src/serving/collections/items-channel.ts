/** Where processes hear that a collection's log has grown; the payload is the newest sequence. */
export const itemsChannel = (collectionId: number): string => `items:${collectionId}`;
