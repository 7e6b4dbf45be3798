/**
 * Weights from files: which tensors a layer has, what stands in a matrix's place, and what is refused.
 *
 * <p>{@code TensorLoader} reads one matrix or vector by its name, whatever shape it is stored in; {@code LayerLoader}
 * and {@code WeightLoader} put together what a configuration asks for. A new stored shape of a matrix belongs into
 * {@code TensorLoader}.
 *
 * <p>Not exported. May import {@code model}, {@code model.config}, {@code gguf} and {@code tensor}.
 */
package dev.lathe.model.load;
