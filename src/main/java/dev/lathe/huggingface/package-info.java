/**
 * Folders as Hugging Face serves them, read as what Lathe loads: metadata and tensors by the names and in the order of
 * a GGUF file. A folder is a {@link dev.lathe.gguf.TensorSource}, so loading, transforms and saving take it as they
 * take a file.
 *
 * <p>{@link dev.lathe.huggingface.ModelFolder} is the door. {@code Family} says what a family's {@code config.json}
 * and names mean; a new family is one class and one line there. May import {@code safetensors}, {@code gguf},
 * {@code text.json} and {@code tensor}; knows nothing of how models are computed.
 */
package dev.lathe.huggingface;
