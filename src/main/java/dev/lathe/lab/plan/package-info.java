/**
 * Plans capacity: which machines for which requests, how many to keep ready, how many experts to keep in memory.
 *
 * <p>May import {@code lab}, {@code packed} for its rules of eviction, and Commons Math; knows nothing of models.
 */
package dev.lathe.lab.plan;
