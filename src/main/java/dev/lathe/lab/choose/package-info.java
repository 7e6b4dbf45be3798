/**
 * Chooses among variants of a model by what they need and what they give.
 *
 * <p>May import {@code lab}; knows nothing of models.
 */
package dev.lathe.lab.choose;
