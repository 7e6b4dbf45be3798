/**
 * What commands are made of: a {@link dev.lathe.tools.command.Command} is a help text, which declares its
 * {@link dev.lathe.tools.command.Options}, and a body, which gets a {@link dev.lathe.tools.command.Program}: options,
 * output and {@link dev.lathe.tools.command.Terminal}. Beside them what more than one room needs: charts, commands in a
 * virtual machine of their own, figures of a load.
 *
 * <p>May import the exported packages of Lathe, and is the only room that imports XChart; knows no command.
 */
package dev.lathe.tools.command;
