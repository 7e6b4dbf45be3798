/** Reads and writes the elements of each tensor type. May import {@code tensor}. */
package dev.lathe.tensor.codec;
