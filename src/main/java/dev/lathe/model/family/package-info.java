/**
 * The families of models, one class each, that read like their model cards: what a file's keys mean, what each layer is made of,
 * how it is arranged. A family describes and never computes; layers compute and know no family. They stand in four rooms:
 * {@code llama}, {@code gpt}, {@code mixture} and {@code encoder}; a new family is a new class in one of them and a line in its
 * list. {@link dev.lathe.model.family.Families} is the door.
 *
 * <p>May import {@code model.config} and {@code gguf}.
 */
package dev.lathe.model.family;
