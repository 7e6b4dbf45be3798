/**
 * Makes the residual stream narrower: {@link dev.lathe.compress.slice.Slice}.
 *
 * <p>A {@code StreamSlicer} goes from signal to signal, each with a {@code StreamBasis}; {@code NormFolding} moves norms out of
 * the way. May import what {@code compress} may, and {@code compress.algebra}.
 */
package dev.lathe.compress.slice;
