/**
 * What a decoder is made of, before it has weights: its shape, the names and roles of its tensors, and the file format of
 * models that left their family's shape. Values only: nothing here computes. Imports {@code dev.lathe.gguf} alone.
 */
package dev.lathe.model.config;
