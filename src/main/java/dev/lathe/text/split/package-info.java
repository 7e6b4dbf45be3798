/**
 * How texts are cut into words before words become tokens: a {@code Splitter} is one step, {@code PreTokenizer} the table
 * of those that GGUF files name and the place for a new one, {@code ScannedText} the code points that steps look at.
 *
 * <p>Imports nothing; {@code text} uses it. Not exported.
 */
package dev.lathe.text.split;
