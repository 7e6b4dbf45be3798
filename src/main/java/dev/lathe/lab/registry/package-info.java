/**
 * Runs that a stranger can repeat: a manifest says what was run on what and what came of it, a registry is a folder
 * of them.
 *
 * <p>May import {@code lab}, {@code text.json} and {@code file}.
 */
package dev.lathe.lab.registry;
