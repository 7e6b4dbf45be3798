/**
 * Searches for a better answer with more of a model's tokens: several samples and a choice among them, beams over
 * steps, looking ahead, revisions, and a policy that picks one of these by how difficult a question looks. {@link
 * dev.lathe.search.Search} is the door, {@link dev.lathe.search.SearchStrategy} what is new for each way to search,
 * {@link dev.lathe.search.Scorer} what tells good answers from bad ones.
 *
 * <p>Everything runs as requests of an engine: samples share their passes and the pages of what they have in common,
 * and each has the bits that it has alone. (The search for a recipe that makes a model small is {@code
 * compress.search}.)
 *
 * <p>May import {@code dev.lathe}, {@code decode}, {@code model}, {@code tensor} and {@code text};
 * nothing but the lab and the tools imports it.
 */
package dev.lathe.search;
