/**
 * Lathe in a Spring Boot application: {@link dev.lathe.springboot.LatheAutoConfiguration} makes beans of a model by
 * {@link dev.lathe.springboot.LatheProperties}. Imports {@code springai} and the library; nothing imports it.
 */
package dev.lathe.springboot;
