/**
 * Transforms that make a model smaller: each edits the tensors and metadata of a model in the making ({@link
 * dev.lathe.compress.ModelEdit}), from calibration texts, and reports what it did. What comes out is run and saved like any
 * other model.
 *
 * <p>A new transform is one class that implements {@link dev.lathe.compress.Transform}. May import {@code model}, {@code
 * text}, {@code measure}, {@code gguf} and {@code tensor}; never sees decoding.
 */
package dev.lathe.compress;
