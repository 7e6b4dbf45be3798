package dev.lathe.plan;

/**
 * A step of a plan.
 *
 * @param actor who does it, by name
 * @param task what is to be done, in words
 */
public record Step(String actor, String task) {}
