/**
 * What a family's class is written with: a file's keys, read in one place, and what a family says of a model.
 *
 * <p>May import {@code model.config} and {@code gguf}; knows no family.
 */
package dev.lathe.model.family.card;
