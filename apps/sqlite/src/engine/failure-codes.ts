/** From engine to scheduler: the writer has to open the file first. Never shown to a caller. */
export const needsWriter = "NEEDS_WRITER";
