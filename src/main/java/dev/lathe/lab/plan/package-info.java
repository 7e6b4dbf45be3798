/**
 * Plans capacity: which machines for which requests, how many to keep ready, how many experts to keep in memory, what
 * contexts cost.
 *
 * <p>May import {@code lab}, {@code model}, {@code packed} for its rules of eviction, and Commons Math.
 */
package dev.lathe.lab.plan;
