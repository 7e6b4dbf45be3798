/**
 * The families of decoders, one class each, that read like their model cards: what a file's keys mean, what each layer is made
 * of, how it is arranged. A family describes and never computes; layers compute and know no family. A new family is a new class
 * and a line in {@link dev.lathe.model.family.Families}.
 *
 * <p>May import {@code model.config} and {@code gguf}.
 */
package dev.lathe.model.family;
