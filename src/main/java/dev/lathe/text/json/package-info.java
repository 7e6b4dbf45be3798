/**
 * JSON as RFC 8259 defines it: one strict reader and one writer for configuration files, reports and programs.
 *
 * <p>{@link dev.lathe.text.json.JsonValue} is the door: it reads a text or a file, turns Java values into JSON and writes
 * them. Knows nothing of what JSON stands for; may import {@code file} alone.
 */
package dev.lathe.text.json;
