package dev.lathe.compress.search;

import dev.lathe.compress.search.SearchResult.Candidate;

/**
 * A recipe that is applied and measured.
 *
 * @param name where it comes from
 * @param candidate the recipe and what it is expected to cost
 */
record Finalist(String name, Candidate candidate) {}
