using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (services = [(name = "main", worker = .main)]);

const main :Workerd.Worker = (
  modules = [
    (name = "main.js", esModule = embed "dist/main.js"),
    (name = "engram/engram.wasm", wasm = embed "dist/engram.wasm"),
  ],
  compatibilityDate = "2026-01-01",
);
