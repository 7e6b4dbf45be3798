/**
 * Packed files: the tiles that loading makes of a model's weights, kept for the next load, which reads them.
 *
 * <p>A file is named by a hash of all tensors and by the version of the layout of tiles, so it belongs to its weights
 * wherever they lie, and all kernel sets compute with it. {@link dev.lathe.packed.PackedFolder} finds it or makes it.
 * Every mebibyte has a checksum, which each read verifies. Files are read, never mapped: one that shrinks is an
 * exception, not the end of the virtual machine.
 *
 * <p>{@code ResidentWeights} reads all of a file into memory; {@code WindowedWeights} keeps what a {@code WindowPlan}
 * chose, and a {@code LayerRing} reads the other layers ahead of each pass. Of a mixture of experts, {@code
 * CachedExperts} keeps all but the experts and as many of those as fit; {@code ExpertPlaces} says which leaves for
 * another. Both read by a {@code GroupReader}, through the page cache or around it.
 *
 * <p>The file: a header of 4096 bytes with magic, version and hash; groups of tiles, each from a multiple of 4096 bytes
 * on, first what belongs to no layer, then a group for each layer and each of its experts; a table of groups, checksums
 * and names; and a trailer of 24 bytes that says where the table is.
 *
 * <p>May import {@code file}, {@code gguf} and {@code tensor} with its {@code store} and {@code pack}. Knows no model:
 * what to pack is the caller's.
 */
package dev.lathe.packed;
