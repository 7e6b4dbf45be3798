/**
 * Commands that measure speed and memory: tokens per second, many texts at once, sessions, experts of which some are in
 * memory, files of vectors.
 *
 * <p>May import {@code dev.lathe.tools.command} and the exported packages of Lathe.
 */
package dev.lathe.tools.measure;
