package dev.lathe.search;

import java.time.Duration;

/**
 * What a search took.
 *
 * @param tokens tokens generated, those of draws that were cancelled included
 * @param draws requests to the engine
 * @param scored candidates that the scorer was asked about
 * @param time from its start to its end
 */
public record SearchStatistics(long tokens, int draws, int scored, Duration time) {}
