/**
 * Reads the weights of files into linear layers: rows of blocks become tiles of 64 outputs.
 *
 * <p>May import {@code tensor}, its {@code codec}, {@code kernel} and {@code store} packages. What a block's bits mean is asked of
 * the codec, where they lie in a tile of the kernels' planes: a new format needs a line in
 * {@code TileLayout.of} and no code here.
 */
package dev.lathe.tensor.pack;
