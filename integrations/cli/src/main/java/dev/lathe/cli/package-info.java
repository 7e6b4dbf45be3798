/**
 * The command line {@code lathe}. The commands that run, convert and measure models are those of {@code src/tools}: here
 * is how users name them, their models by name, and what needs the other modules.
 *
 * <p>Imports Lathe's exported packages, its server, its hub and picocli.
 */
package dev.lathe.cli;
