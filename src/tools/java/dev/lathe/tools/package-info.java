/**
 * The command line: programs that run, convert and measure models. {@link dev.lathe.tools.Lathe}, the only class here,
 * has the one main method and finds a command by its name; each command is a class that ends in {@code Command}, in the
 * room of what it is for:
 *
 * <ul>
 *   <li>{@link dev.lathe.tools.generate}: text and vectors from a model, and ways to decode,
 *   <li>{@link dev.lathe.tools.shape}: a model's file becomes another one,
 *   <li>{@link dev.lathe.tools.measure}: speed and memory,
 *   <li>{@link dev.lathe.tools.lab}: quality, cost, records of runs; what is predicted, chosen and planned from them,
 *   <li>{@link dev.lathe.tools.command}: what commands are made of.
 * </ul>
 *
 * <p>{@code lathe} of integrations/cli runs the same commands. Rooms import {@code command} and not each other, and the
 * JDK and the exported packages of Lathe, nothing else but what draws charts: time to the first token is part of what
 * commands show, and what they need any other program may need too. Their options and JSON keys are stable; scripts
 * measure with them.
 */
package dev.lathe.tools;
