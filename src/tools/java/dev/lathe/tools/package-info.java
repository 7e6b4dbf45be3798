/**
 * The command line: programs that run, convert and measure models. {@link dev.lathe.tools.Lathe} has the one main
 * method and finds a {@link dev.lathe.tools.Command} by its name; each command is a class that ends in {@code Command},
 * and the other classes are what commands share. {@code lathe} of integrations/cli runs the same commands.
 *
 * <p>Imports the JDK and the exported packages of Lathe, nothing else: time to the first token is part of what commands
 * show, and what they need any other program may need too. Their options and JSON keys are stable; scripts measure with
 * them.
 */
package dev.lathe.tools;
