/**
 * How the library touches files, whatever their format.
 *
 * <p>Files come from strangers and go to places that matter, so what must hold for every one of them stands here once.
 * Knows no format. Not exported. Imports the JDK alone.
 */
package dev.lathe.file;
