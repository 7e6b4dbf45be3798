package dev.lathe.lab.benchmark;

/**
 * What a stage took in all.
 *
 * @param name what it is called, such as {@code tokenize}
 * @param count how often it was entered
 * @param seconds time, without that of inner stages
 * @param joules energy, likewise; 0 without a meter
 */
public record Stage(String name, int count, double seconds, double joules) {}
