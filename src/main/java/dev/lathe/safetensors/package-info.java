/**
 * The safetensors file format: a header in JSON and the bytes of tensors, in one file or in several with an index.
 *
 * <p>{@link dev.lathe.safetensors.Safetensors} opens them. Knows no model and no names of tensors; what a folder of a
 * model means is read in {@code huggingface}. May import {@code text.json} and {@code file}.
 *
 * <p>The layout of a file: 8 bytes of the header's length, little-endian; the header, a JSON object from names to
 * type, shape and first and last byte; the data, which tensors cover without holes or overlaps. Format: Hugging Face,
 * safetensors 0.3 and later.
 */
package dev.lathe.safetensors;
