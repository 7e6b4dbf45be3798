package dev.lathe.text;

/**
 * What is done to a stretch of text before its words are merged.
 *
 * @param normalizer what changes the text
 * @param steps what cuts it into words, each applied to all pieces of the one before
 * @param takesWholeWords whether a word that is a token as a whole becomes that token even where merges would lead
 *     elsewhere
 */
record PreTokenization(TextNormalizer normalizer, Splitter[] steps, boolean takesWholeWords) {}
