// Browsers refuse workers to pages that are opened as files. There the search, which the theme
// carries out in a worker, runs in a hidden frame that has a worker's interface.
if (location.protocol === "file:") {
  window.Worker = class extends EventTarget {
    constructor(url) {
      super();
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "Search";
      document.body.append(frame);
      this.inside = frame.contentWindow;
      const script = frame.contentDocument.createElement("script");
      script.src = new URL(url, location);
      this.ready = new Promise((done) => (script.onload = done));
      // What the worker's code posts goes to the page, on the worker object.
      this.inside.postMessage = (data) => this.dispatchEvent(new MessageEvent("message", { data }));
      frame.contentDocument.body.append(script);
    }
    async postMessage(data) {
      await this.ready;
      this.inside.dispatchEvent(new this.inside.MessageEvent("message", { data }));
    }
    terminate() {}
  };
}
