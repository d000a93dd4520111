import "isthmus/worker";
