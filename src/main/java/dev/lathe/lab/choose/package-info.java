/**
 * Chooses among variants of a model by what they need and what they give, and settings by a device's memory and cores.
 *
 * <p>May import {@code figures} and, for the type of a cache, {@code model}; measures nothing itself.
 */
package dev.lathe.lab.choose;
