/**
 * Plans capacity: which machines for which requests, and how many to keep ready.
 *
 * <p>May import {@code lab} and Commons Math; knows nothing of models.
 */
package dev.lathe.lab.plan;
