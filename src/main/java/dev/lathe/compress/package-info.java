/**
 * Transforms that make a model smaller: each edits the tensors and metadata of a model in the making ({@link
 * dev.lathe.compress.ModelEdit}), from calibration sequences, and reports what it did. What comes out is run and saved like any
 * other model.
 *
 * <p>A new transform is one class that implements {@link dev.lathe.compress.Transform}; one that edits each layer from what the
 * layer reads implements {@link dev.lathe.compress.LayerTransform}, and a search can use it too. Whatever walks through the
 * layers does so with a {@link dev.lathe.compress.LayerSweep}.
 *
 * <p>May import {@code model}, {@code text}, {@code measure}, {@code gguf} and {@code tensor}; never sees decoding, nor the rooms
 * below it, which hold the transforms of each kind and the search above them all.
 */
package dev.lathe.compress;
