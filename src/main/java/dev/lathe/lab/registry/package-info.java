/**
 * Runs that a stranger can repeat: a manifest says what was run on what and what came of it, a registry is a folder
 * of them.
 *
 * <p>May import {@code lab} and {@code text.json}.
 */
package dev.lathe.lab.registry;
