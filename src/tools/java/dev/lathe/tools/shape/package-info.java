/**
 * Commands that make a model's file into another one: convert, pack, quantize, prune, slice; and those that show what
 * arithmetic and recipes cost in accuracy. {@code Trial} measures what a model in the making is worth.
 *
 * <p>May import {@code dev.lathe.tools.command} and the exported packages of Lathe.
 */
package dev.lathe.tools.shape;
